import ArgumentParser
import EventModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The last thing the program does: says what went wrong, once, and sets the status.
enum ProcessEnding {
    /// A reader that goes away (`lockstep read | head`) is an answer of `write`, not a signal that kills.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    static func end(_ status: ExitStatus) -> Never {
        exit(StandardOutput.shared.flush() ? status.rawValue : ExitStatus.done.rawValue)
    }

    /// Help and version were asked for; anything else was not understood.
    static func end(afterParsing error: any Error, asJSON: Bool) -> Never {
        guard Lockstep.exitCode(for: error) != .success else {
            StandardOutput.shared.write(Lockstep.fullMessage(for: error))
            end(.done)
        }
        let verb = CommandLine.arguments.dropFirst().prefix { !$0.hasPrefix("-") }.first.map { " \($0)" } ?? ""
        let failure = Failure(.usage, Lockstep.message(for: error), hint: "see `lockstep\(verb) --help`")
        StandardError.report(failure, asJSON: asJSON)
        end(.usage)
    }

    static func end(after error: any Error, asJSON: Bool) -> Never {
        switch error {
        case is BrokenPipe: exit(ExitStatus.done.rawValue)
        case is AnsweredNo: end(.no)
        case _ where Lockstep.exitCode(for: error) == .success:
            // `--help` below a verb is a command of the parser, whose answer is thrown.
            end(afterParsing: error, asJSON: asJSON)
        case let error as ValidationError:
            end(afterParsing: error, asJSON: asJSON)
        default:
            let failure = Failure(error)
            _ = StandardOutput.shared.flush()
            StandardError.report(failure, asJSON: asJSON)
            exit(failure.status.rawValue)
        }
    }
}
