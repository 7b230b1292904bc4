"""Windows, widgets and the words people read: the only home of Qt."""
