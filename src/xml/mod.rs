//! XML as such, nothing of procurement.
