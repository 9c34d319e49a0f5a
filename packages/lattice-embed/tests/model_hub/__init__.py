"""Models from a hub: the real huggingface_hub against a server on loopback."""
