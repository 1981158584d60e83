"""The writes of a load and its report. Imports every other stage; loaders.pipeline alone imports it."""
