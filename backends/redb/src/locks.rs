//! Locks are those of the file, through every layer above it.

/// The methods of a `StorageBackend` for locks, handed on to what lies beneath.
macro_rules! locks_of {
    ($this:ident => $beneath:expr) => {
        fn try_lock_range(
            &$this,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            $beneath.try_lock_range(start, end)
        }

        fn try_lock_shared_range(
            &$this,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            $beneath.try_lock_shared_range(start, end)
        }

        fn lock_range(
            &$this,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            $beneath.lock_range(start, end)
        }

        fn lock_shared_range(
            &$this,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            $beneath.lock_shared_range(start, end)
        }

        fn unlock_range(
            &$this,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            $beneath.unlock_range(start, end)
        }

        fn query_lock_range(
            &$this,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            $beneath.query_lock_range(start, end)
        }
    };
}

pub(crate) use locks_of;
