#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A mutex with one condition on which threads wait.
///
/// `Synchronization.Mutex` has no condition variable, and threads that block in libpq must be able to wait for work.
// @unchecked Sendable: both pointers are set once, and what they point to exists to be shared between threads.
final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` alone.
    func locked<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Gives up the lock until somebody calls ``wakeAll()``; only inside ``locked(_:)``.
    func wait() {
        pthread_cond_wait(condition, mutex)
    }

    /// Wakes every thread in ``wait()``; only inside ``locked(_:)``.
    func wakeAll() {
        pthread_cond_broadcast(condition)
    }
}
