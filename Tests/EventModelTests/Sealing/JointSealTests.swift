import EventModel
import EventSourcingTesting
import Testing

@Suite("A joint seal") struct JointSealTests {
    private static func keys(_ count: Int, seed: UInt64 = 1) throws -> [SubjectKey] {
        var random = SeededGenerator(seed: seed)
        return try (0..<count).map {
            SubjectKey(
                SubjectKeyID(workspace: .default, subject: try DataSubject("customer:\($0)"), generation: 1),
                using: &random)
        }
    }

    private static let place: [UInt8] = [1, 2, 3]
    private static let secret = Array("what a person said".utf8)

    @Test(arguments: [1, 2, 7])
    func `opens for whoever has all keys, in whatever order, and seals to the same bytes again`(_ count: Int) throws {
        let keys = try Self.keys(count)
        let seal = try #require(JointSeal(keys, at: Self.place))
        let sealed = try seal.seal(Self.secret)
        let other = try #require(JointSeal(keys.reversed(), at: Self.place))
        #expect(try other.open(sealed) == Self.secret)
        #expect(try other.seal(Self.secret) == sealed)
        #expect(try seal.seal(Self.secret + [0]) != sealed)
        #expect(!sealed.indices.contains { sealed[$0...].starts(with: Self.secret) })
    }

    @Test func `opens for nobody who lacks one of them`() throws {
        let keys = try Self.keys(3)
        let sealed = try #require(JointSeal(keys, at: Self.place)).seal(Self.secret)
        let foreign = try Self.keys(3, seed: 2)
        for others in [
            Array(keys.dropLast()), Array(keys.dropFirst()), keys + [foreign[0]], [keys[0], keys[1], foreign[2]],
            foreign,
        ] {
            let seal = try #require(JointSeal(others, at: Self.place))
            #expect(throws: SealFault.tampered) { try seal.open(sealed) }
        }
        #expect(JointSeal([], at: Self.place) == nil)
    }

    @Test func `notices what was altered, cut off or moved elsewhere`() throws {
        let keys = try Self.keys(2)
        let seal = try #require(JointSeal(keys, at: Self.place))
        let sealed = try seal.seal(Self.secret)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: SealFault.tampered) { try seal.open(altered) }
        }
        #expect(throws: SealFault.self) { try seal.open(Array(sealed.dropLast())) }
        #expect(throws: SealFault.malformed) { try seal.open([]) }
        let elsewhere = try #require(JointSeal(keys, at: [1, 2, 4]))
        #expect(throws: SealFault.tampered) { try elsewhere.open(sealed) }
    }
}
