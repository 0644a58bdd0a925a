"""One question in, one cited answer out, and the doors people knock on."""
