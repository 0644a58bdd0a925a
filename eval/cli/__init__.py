"""The commands of `inyong eval`, one thin function each."""
