import EventModel
import Foundation
import NIOCore

/// The wall clock of a stand-in, with one alarm.
package struct AlarmClock {
    private let loop: any EventLoop
    private var alarm: Scheduled<Void>?

    /// A clock without an alarm, which will ring on `loop`.
    package init(on loop: any EventLoop) {
        self.loop = loop
    }

    /// The time, in whole microseconds.
    package var now: Timestamp {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }

    /// Rings once, when the first of `moments` has passed, at once if it has already. What was set before rings no longer.
    package mutating func set(for moments: [Timestamp], ring: @escaping @Sendable () -> Void) {
        alarm?.cancel()
        alarm = moments.min().map { first in
            loop.scheduleTask(in: .microseconds(max(0, first.microseconds - now.microseconds) + 1), ring)
        }
    }
}
