"""What images and containers run."""
