"""Training, calibrating and evaluating the reader (`index.reader`)."""
