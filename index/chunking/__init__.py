"""Text to sentences and passages: boilerplate left out, exact offsets."""
