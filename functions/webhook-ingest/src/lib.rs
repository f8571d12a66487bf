//! `POST /webhooks/{provider}/{hookId}`: verifies a delivery, parses it and queues its event.
