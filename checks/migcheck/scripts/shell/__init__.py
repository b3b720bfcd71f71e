"""What shell scripts run, and what becomes of them where a command fails."""
