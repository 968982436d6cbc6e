import ArgumentParser

/// Where a replay goes.
enum ReplayPlace: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Standard output.
    case stdout
    /// A file.
    case file
    /// A topic of its own.
    case kafka
    /// A scratch view.
    case view

    /// The option that this place needs, and no other takes.
    var option: String? {
        switch self {
        case .stdout: nil
        case .file: "--out"
        case .kafka: "--topic"
        case .view: "--projection"
        }
    }
}
