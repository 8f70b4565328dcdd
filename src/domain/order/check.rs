//! Checks of an order before it is accepted (cXML notes 3.4): refuse, hold or note.
