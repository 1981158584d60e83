"""The network of relations: drawn, explored, searched for paths, ranked. May import questions.coverage."""
