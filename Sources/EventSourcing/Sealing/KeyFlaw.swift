import EventModel

/// Why a key cannot be had. Neither the caller's request nor the log is at fault, but the configuration.
public enum KeyFlaw: Error, Sendable, Equatable, CustomStringConvertible {
    /// No master key is configured.
    case noMasterKey
    /// A key is wrapped by a master key that is not configured.
    case unknownMasterKey(id: String)
    /// The master key that is configured under this id is not the one that wrapped the key, or the stored key was altered.
    case wrongMasterKey(id: String)
    /// No master key that is configured wraps any key of this log, which has keys: what would be sealed now, nobody else could open.
    case foreignMasterKeys(configured: [String], known: [String])
    /// The cipher refused to work.
    case cipher

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .noMasterKey:
            "personal data is to be sealed or opened, and no master key is configured; "
                + "set LOCKSTEP_MASTER_KEY_FILE or LOCKSTEP_MASTER_KEY (`lockstep keys generate` makes one)"
        case .unknownMasterKey(let id):
            "a subject's key is wrapped by master key \(id), which is not configured; add it to LOCKSTEP_MASTER_KEY_FILE"
        case .wrongMasterKey(let id):
            "the configured master key \(id) does not unwrap a key that was wrapped by one of that id; "
                + "configure the master key that this log was written with"
        case .foreignMasterKeys(let configured, let known):
            "a new subject needs a key, and none of the configured master keys (\(configured.joined(separator: ", "))) wraps those of this log, "
                + "which are wrapped by \(known.joined(separator: ", ")); configure a master key that this log was written with, a new one beside it "
                + "where keys are to be rotated, and see `lockstep doctor`"
        case .cipher: "the cipher refused to work; report it with the command line"
        }
    }
}

/// Why an event's personal data cannot be sealed. The event is refused: it is never stored plain.
public enum SealingFlaw: Error, Sendable, Equatable, CustomStringConvertible {
    /// The data name somebody who cannot be a subject.
    case subject(SubjectFlaw)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .subject(let flaw): flaw.description
        }
    }
}
