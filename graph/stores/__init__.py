"""The engines that hold the graph, behind one screen of verbs."""
