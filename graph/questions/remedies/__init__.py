"""The actions that mend the problems of one entity, with candidates. May import questions.problems and questions.entity."""
