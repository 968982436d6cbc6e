import EventModel
import FoundationEssentials
import JourneyDomain
import Testing

@Suite("Files that journeys were imported from") struct JourneyOriginalTests {
    private static let definition = RandomJourney.journey(3)
    private static let content = JourneyContent(
        definition: definition, origin: .file(name: "refund.json", format: .canonical))

    private func events(_ bytes: [UInt8], over state: JourneyDecider.State = .unknown) throws -> [JourneyEvent] {
        let source = JourneySource(bytes: bytes, name: "refund.json", format: .canonical)
        return try JourneyDecider.decide(.importFile(Self.content, source), state)
    }

    private func originals(_ events: [JourneyEvent]) -> [JourneyOriginal] {
        events.compactMap { event in
            guard case .originalKept(let original) = event else { return nil }
            return original
        }
    }

    @Test(arguments: [
        1, OriginalLimits.partBytes, OriginalLimits.partBytes + 1, OriginalLimits.fileBytes,
    ])
    func `follow the definition in parts that have every byte and fit events`(_ size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let events = try events(bytes)
        #expect(events.first == .created(JourneyCreated(content: Self.content)))
        let originals = originals(events)
        #expect(originals.count == events.count - 1)
        let parts = originals.compactMap(\.part)
        #expect(parts.map(\.number) == Array(1...originals.count))
        #expect(parts.allSatisfy { $0.count == originals.count })
        let data = parts.map { $0.data.string.flatMap { Data(base64Encoded: $0) } ?? Data() }
        #expect(data.flatMap { [UInt8]($0) } == bytes)
        for original in originals {
            #expect(original.revision == 1 && original.bytes == size && original.digest == ContentDigest(of: bytes))
            let sealed = SealedValue.storedBytes(sealing: original.part?.data.compactBytes().count ?? 0)
            #expect(sealed + (4 << 10) <= 1 << 20)
        }
    }

    @Test func `leave their digest when no append takes them`() throws {
        let bytes = [UInt8](repeating: 7, count: OriginalLimits.fileBytes + 1)
        let originals = originals(try events(bytes))
        #expect(originals.count == 1 && originals[0].part == nil)
        #expect(originals[0].bytes == bytes.count && originals[0].digest == ContentDigest(of: bytes))
    }

    @Test func `are kept once for a definition, whatever bytes bring it again, and anew for a revision`() throws {
        var state = JourneyDecider.fold(.unknown, try events([1, 2]))
        #expect(standing(state)?.revision == 1 && standing(state)?.content == Self.content)
        #expect(try events([1, 2], over: state) == [])
        #expect(try events([3], over: state) == [])
        state = JourneyDecider.fold(state, try JourneyDecider.decide(.rename("Another"), state))
        let revised = try events([3], over: state)
        #expect(revised.count == 2 && originals(revised).map(\.revision) == [3])
        state = JourneyDecider.fold(state, try JourneyDecider.decide(.archive(reason: nil), state))
        #expect(throws: JourneyDecider.Rejection.archived(revision: 2)) { try events([3], over: state) }
    }

    @Test func `are not kept where there is none`() throws {
        #expect(originals(try JourneyDecider.decide(.define(Self.content), .unknown)).isEmpty)
        let bytes = Self.definition.canonicalBytes()
        let value = try JSONValue(bytes)
        #expect(try JourneyFile.read(value, name: "refund.json", chosenID: "refund").original == nil)
        let reading = try JourneyFile.read(bytes, name: "a/refund.json", chosenID: "refund")
        #expect(
            reading.command
                == .importFile(reading.content, JourneySource(bytes: bytes, name: "refund.json", format: .canonical)))
    }

    private func standing(_ state: JourneyDecider.State) -> JourneyStanding? {
        guard case .defined(let standing) = state else { return nil }
        return standing
    }
}
