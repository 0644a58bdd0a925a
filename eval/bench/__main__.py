"""Produce the figures of the README: answers to the sample questions, then cold start. See `make bench`."""

from eval.bench import answers, start

if __name__ == "__main__":
    answers.main()
    start.main()
