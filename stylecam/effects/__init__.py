"""What happens to a picture before and after the network: state in, state out."""
