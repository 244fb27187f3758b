"""What training costs in memory and time, counted or on paper."""
