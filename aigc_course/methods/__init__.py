"""What is done to any net, whatever it makes: pruning, quantising, distilling, private and federated training …

A method takes a net, or the learners of a `Run`, and knows no modality.
"""
