import ArgumentParser
import Replaying

/// `--speed`: `max`, `realtime`, or `x10`.
struct ReplaySpeed: ExpressibleByArgument, Sendable, Equatable {
    let speed: ReplayPace.Speed

    static let max = ReplaySpeed(speed: .unbounded)

    init(speed: ReplayPace.Speed) {
        self.speed = speed
    }

    init?(argument: String) {
        switch argument {
        case "max": speed = .unbounded
        case "realtime": speed = .realTime
        default:
            guard argument.hasPrefix("x"), let factor = Double(argument.dropFirst()),
                ReplayPace.factors.contains(factor)
            else { return nil }
            speed = .times(factor)
        }
    }

    var defaultValueDescription: String { "max" }
}
