"""The loss network (VGG), the losses and L-BFGS: what a good stylized image is."""
