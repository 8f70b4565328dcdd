//! Wire to domain and back, under one connection's dialect profile.
