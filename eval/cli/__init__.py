"""The commands of `inyong eval`: one thin function a command."""
