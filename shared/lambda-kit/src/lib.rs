//! What every function needs: start-up, the SQS batch loop, the API kit.
