"""What each rule runs."""
