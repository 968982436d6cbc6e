/// Why the bytes of an imported file cannot be had.
public enum OriginalFlaw: Error, Equatable, Sendable {
    /// There is nothing of this kind under the id.
    case unknown(String)
    /// There is no such revision.
    case noRevision(Int, newest: Int)
    /// The revision was made by an edit or a conversion, or imported before files were kept; `nil`: every revision was.
    case notFromFile(revision: Int?)
    /// They are sealed for this reader.
    case sealed
    /// They were erased with the data of this subject.
    case erased(subject: String)
    /// The file was larger than one append takes, so only its digest was kept.
    case tooLarge(bytes: Int, limit: Int)
    /// Parts are missing or out of order.
    case incomplete(Int, of: Int)
    /// The bytes are not those that were imported.
    case damaged
}

extension OriginalFlaw: CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unknown(let kind): "the log holds no such \(kind); import it first"
        case .noRevision(let revision, let newest):
            "there is no revision \(revision), the newest is \(newest); choose one that was imported from a file"
        case .notFromFile(let revision?):
            "revision \(revision) came from no file: an edit or a conversion made it, or it was imported before files were kept; "
                + "choose a revision that was imported"
        case .notFromFile(nil):
            "it came from no file: a conversion made it, or it was imported before files were kept; export it without --original"
        case .sealed:
            "the file is sealed for whoever has no master key; set LOCKSTEP_MASTER_KEY_FILE or LOCKSTEP_MASTER_KEY to the key that it was sealed with"
        case .erased(let subject):
            "the file was erased with the data of \(subject), so nobody can see it any more; import it anew from wherever it still is"
        case .tooLarge(let bytes, let limit):
            "the file had \(bytes) bytes, and more than \(limit) are not kept; export it without --original"
        case .incomplete(let parts, let count):
            "the log holds \(parts) of the file's \(count) parts; run `lockstep audit verify`"
        case .damaged: "the bytes in the log are not those that were imported; run `lockstep audit verify`"
        }
    }
}
