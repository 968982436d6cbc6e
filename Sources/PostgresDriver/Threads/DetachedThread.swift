#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A thread that runs one closure and frees itself.
enum DetachedThread {
    private final class Work {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread.
    ///
    /// - Returns: false when the system has no thread left; `body` will not run.
    static func start(stackBytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        let work = Unmanaged.passRetained(Work(body))
        let status = withUnsafeTemporaryAllocation(of: ThreadID.self, capacity: 1) { identity in
            Self.create(identity.baseAddress, &attributes, work.toOpaque())
        }
        guard status == 0 else {
            work.release()
            return false
        }
        return true
    }

    #if canImport(Darwin)
        private typealias ThreadID = pthread_t?
    #else
        private typealias ThreadID = pthread_t
    #endif

    private static func create(
        _ identity: UnsafeMutablePointer<ThreadID>?, _ attributes: UnsafePointer<pthread_attr_t>,
        _ work: UnsafeMutableRawPointer
    ) -> CInt {
        guard let identity else { return EAGAIN }
        return pthread_create(identity, attributes, performDetachedWork, work)
    }

    fileprivate static func perform(_ work: UnsafeMutableRawPointer) {
        Unmanaged<Work>.fromOpaque(work).takeRetainedValue().run()
    }
}

#if canImport(Darwin)
    private func performDetachedWork(_ work: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        DetachedThread.perform(work)
        return nil
    }
#else
    private func performDetachedWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let work { DetachedThread.perform(work) }
        return nil
    }
#endif
