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
        leave(StandardOutput.shared.flush() ? status.rawValue : ExitStatus.done.rawValue)
    }

    /// Ends the process without the C libraries' own clearing up: it would take OpenSSL's tables away from a connection that is just
    /// being opened or closed on another thread, and the process would crash instead of ending with its status.
    static func leave(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    /// Help and version were asked for; anything else was not understood.
    static func end(afterParsing error: any Error, asJSON: Bool) -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let verb = VerbPath(arguments)
        guard Lockstep.exitCode(for: error) != .success else {
            if verb.isIncomplete(arguments) {
                // Help instead of work is not what was asked for: a script must notice.
                let failure = Failure(
                    .usage, "`\(verb.text)` needs one of: \(verb.choices.joined(separator: ", "))",
                    hint: "see `\(verb.text) --help`")
                StandardError.report(failure, asJSON: asJSON)
                end(.usage)
            }
            StandardOutput.shared.write(Lockstep.fullMessage(for: error))
            end(.done)
        }
        let failure = Failure(.usage, Lockstep.message(for: error), hint: "see `\(verb.text) --help`")
        StandardError.report(failure, asJSON: asJSON)
        end(.usage)
    }

    static func end(after error: any Error, asJSON: Bool) -> Never {
        switch error {
        case is BrokenPipe: leave(ExitStatus.done.rawValue)
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
            leave(failure.status.rawValue)
        }
    }
}
