"""The network of the paper, the loss network and the losses. All but `architecture` needs torch."""
