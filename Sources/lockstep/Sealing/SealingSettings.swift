import EventModel
import EventSourcing
import FoundationEssentials

/// How personal data is sealed.
struct SealingSettings: Sendable {
    /// The largest file of master keys, in bytes.
    static let fileLimit = 65_536

    /// `id:base64` (`master.key`, `LOCKSTEP_MASTER_KEY`); wraps what is new.
    private let masterKey: String?
    /// A file with one such line for each key, the current one first (`master.key.file`, `LOCKSTEP_MASTER_KEY_FILE`).
    let masterKeyFile: String?
    /// Marks of event types that are not Lockstep's own (`personal`, `LOCKSTEP_PERSONAL`).
    let ownMarks: [PersonalMark]

    /// The keys are not read before they are needed.
    init(_ source: SettingsSource) throws(Failure) {
        masterKey = source.text("master.key", isSecret: true)
        masterKeyFile = source.text("master.key.file")
        var marks: [PersonalMark] = []
        for spelling in source.list("personal") ?? [] where !spelling.isEmpty {
            guard let mark = PersonalMark(spelling: spelling) else {
                throw SettingsSource.misfit(
                    "personal", Table.printable(spelling, cutAt: 120),
                    "a list of type@version:/path=/subject, for instance note.written@1:/text=/author")
            }
            marks.append(mark)
        }
        ownMarks = marks
    }

    /// Whether any master key is configured.
    var hasMasterKey: Bool { masterKey != nil || masterKeyFile != nil }

    /// Whether the current master key stands in a setting of its own, whose value must not be shown.
    var hasInlineKey: Bool { masterKey != nil }

    /// The configured keys; `nil` when there are none.
    ///
    /// - Throws: ``Failure`` with status 3; it never shows a part of a key.
    func masterKeys() throws(Failure) -> MasterKeys? {
        guard hasMasterKey else { return nil }
        let spellings = (masterKey.map { [$0] } ?? []) + (try fileLines())
        do throws(MasterKeyFlaw) {
            return try MasterKeys(spellings: spellings)
        } catch {
            throw Failure(
                .environment, "the master keys cannot be used: \(error)",
                hint:
                    "correct LOCKSTEP_MASTER_KEY\(masterKeyFile.map { " or \($0)" } ?? ""); `lockstep keys generate` makes a key"
            )
        }
    }

    private func fileLines() throws(Failure) -> [String] {
        guard let path = masterKeyFile else { return [] }
        let hint = "check LOCKSTEP_MASTER_KEY_FILE; `lockstep keys generate` makes a line of it"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.environment, "the file of master keys \(path) cannot be read", hint: hint)
        }
        guard data.count <= Self.fileLimit, let text = String(validating: data, as: UTF8.self) else {
            throw Failure(
                .environment, "\(path) is no file of master keys: it is not text of at most \(Self.fileLimit) bytes",
                hint: hint)
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimming() }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }
}

extension Substring {
    /// Without white space at both ends.
    fileprivate func trimming() -> String {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
