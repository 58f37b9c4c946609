"""What a channel expects at each hypothesis: signal, background, windows."""
