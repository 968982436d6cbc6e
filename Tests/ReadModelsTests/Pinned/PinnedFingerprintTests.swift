import EventModel
import ReadModels
import Testing

/// `Schemas/postgres/fingerprints.json`: what each version of each projection was when it was pinned. A pinned version never changes; a
/// changed projection is another version. Versions of before stay in the file, as a record.
@Suite struct `Pinned fingerprints` {
    private static let file = PinnedFile(path: "Schemas/postgres/fingerprints.json")

    private static func pinned() throws -> [ProjectionFingerprint] {
        let text = file.text()
        guard !text.isEmpty else { return [] }
        return try JSONValue(Array(text.utf8), limits: .file).array.map { $0.compactMap(ProjectionFingerprint.init) }
            ?? []
    }

    @Test(arguments: ProjectionCatalogue.all.map(\.name))
    func `a projection that changed has another version`(_ name: String) throws {
        let projection = try #require(ProjectionCatalogue.projection(named: name))
        let found = ProjectionFingerprint(of: projection, samples: FoldSample.all)
        let stored = try Self.pinned().first { $0.projection == name && $0.version == found.version }
        guard let stored else {
            #expect(
                PinnedFile.isRegenerating,
                """
                \(name) version \(found.version) is not pinned yet: write the migration of its table, then run \
                `LOCKSTEP_REGENERATE=1 swift test --filter Pinned`
                """)
            return
        }
        let differences = found.differences(from: stored)
        #expect(
            differences.isEmpty,
            """
            \(name) is still version \(found.version), but \(differences.map(\.description).joined(separator: "; ")). Rows of the two kinds \
            would stand in one table. Raise `version`, write the migration of the new generation, then run \
            `LOCKSTEP_REGENERATE=1 swift test --filter Pinned`. Only if no database was ever filled by this version, or if a sample changed \
            and the fold did not: take its entry out of Schemas/postgres/fingerprints.json, then do the same.
            """)
    }

    @Test func `every projection is pinned as it is`() throws {
        var all = try Self.pinned()
        for projection in ProjectionCatalogue.all {
            let found = ProjectionFingerprint(of: projection, samples: FoldSample.all)
            if let index = all.firstIndex(where: { $0.projection == found.projection && $0.version == found.version }) {
                // New types of events come in; what is pinned stays. A difference is told by the test above.
                if found.differences(from: all[index]).isEmpty { all[index] = found }
            } else {
                all.append(found)
            }
        }
        all.sort { ($0.projection, $0.version) < ($1.projection, $1.version) }
        let entries = all.map { fingerprint in
            String(decoding: fingerprint.json.prettyBytes(), as: UTF8.self)
        }
        try Self.file.hold(to: "[\n\(entries.joined(separator: ",\n"))\n]\n")
    }
}

extension JSONValue {
    /// One member or element a line, so that a change shows as one.
    fileprivate func prettyBytes() -> [UInt8] { Array(pretty(indent: "  ").utf8) }

    private func pretty(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .object(let object) where !object.members.isEmpty:
            let members = object.members.map { member in
                "\(inner)\(JSONValue.string(member.key).text): \(member.value.pretty(indent: inner))"
            }
            return "{\n\(members.joined(separator: ",\n"))\n\(indent)}"
        case .array(let elements) where !elements.isEmpty:
            return "[\n\(elements.map { "\(inner)\($0.pretty(indent: inner))" }.joined(separator: ",\n"))\n\(indent)]"
        case .object, .array, .null, .bool, .number, .string: return text
        }
    }

    private var text: String { String(decoding: compactBytes(), as: UTF8.self) }
}
