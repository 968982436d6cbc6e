import EventModel
import EventSourcingTesting
import FoundationEssentials
import Testing

@Suite("Master keys") struct MasterKeyTests {
    private static let good = "k1:" + Data(repeating: 7, count: 32).base64EncodedString()
    private static let other = "k2:" + Data(repeating: 8, count: 32).base64EncodedString()

    @Test func `a wrapped key unwraps to what it was, and is wrapped differently each time`() throws {
        var world = SealedWorld(seed: 1)
        let key = try world.key()
        let master = try MasterKey(spelling: Self.good)
        let (one, two) = (try master.wrap(key, using: &world.random), try master.wrap(key, using: &world.random))
        #expect(one.bytes != two.bytes && one.bytes.count == 60 && one.masterKey == "k1")
        for wrapped in [one, two] {
            let sealed = try key.seal("a", at: SealedWorld.place())
            #expect(try master.unwrap(wrapped).open(sealed, at: SealedWorld.place()) == "a")
        }
    }

    @Test func `another master key, another id, another owner or an altered byte is refused`() throws {
        var world = SealedWorld(seed: 2)
        let key = try world.key()
        let master = try MasterKey(spelling: Self.good)
        let wrapped = try master.wrap(key, using: &world.random)
        #expect(throws: SealFault.tampered) { try MasterKey(spelling: Self.other).unwrap(wrapped) }
        let sameBytes = try MasterKey(spelling: Self.good.replacing("k1:", with: "k9:"))
        #expect(throws: SealFault.tampered) { try sameBytes.unwrap(wrapped) }
        for id in [
            try world.key("customer:8").id, try world.key(generation: 2).id, try world.key(in: Workspace("x")).id,
        ] {
            #expect(throws: SealFault.tampered) {
                try master.unwrap(WrappedKey(id: id, masterKey: "k1", bytes: wrapped.bytes))
            }
        }
        for index in wrapped.bytes.indices {
            var bytes = wrapped.bytes
            bytes[index] ^= 0x80
            #expect(throws: SealFault.tampered) {
                try master.unwrap(WrappedKey(id: key.id, masterKey: "k1", bytes: bytes))
            }
        }
        #expect(throws: SealFault.tampered) { try master.unwrap(WrappedKey(id: key.id, masterKey: "k1", bytes: [])) }
    }

    @Test func `the first key is the current one, and all are found`() throws {
        let keys = try MasterKeys(spellings: [Self.other, Self.good])
        #expect(keys.current.id == "k2" && keys.ids == ["k1", "k2"] && keys["k1"]?.id == "k1" && keys["k3"] == nil)
    }

    @Test func `a generated key is one`() throws {
        var random = SystemRandomNumberGenerator()
        let (one, two) = (MasterKey.generate(id: "a", using: &random), MasterKey.generate(id: "a", using: &random))
        #expect(try MasterKey(spelling: one).id == "a" && one != two)
    }

    static let flaws: [(spelling: String, flaw: MasterKeyFlaw)] = [
        ("", .noID), (Data(repeating: 7, count: 32).base64EncodedString(), .noID), (":AAAA", .badID(limit: 64)),
        ("a b:AAAA", .badID(limit: 64)), (String(repeating: "k", count: 65) + ":AAAA", .badID(limit: 64)),
        ("k1:%%%", .notBase64(id: "k1")), ("k1:", .wrongLength(id: "k1", bytes: 0, wanted: 32)),
        ("k1:" + Data(repeating: 7, count: 31).base64EncodedString(), .wrongLength(id: "k1", bytes: 31, wanted: 32)),
        ("k1:" + Data(repeating: 7, count: 33).base64EncodedString(), .wrongLength(id: "k1", bytes: 33, wanted: 32)),
    ]

    @Test(arguments: flaws.indices) func `what is no master key is refused without showing it`(_ index: Int) {
        let (spelling, flaw) = Self.flaws[index]
        #expect(throws: flaw) { try MasterKey(spelling: spelling) }
        let secret = spelling.split(separator: ":").last.map(String.init) ?? ""
        #expect(secret.count < 8 || !flaw.description.contains(secret))
    }

    @Test func `none, two of one name and too many are refused`() {
        #expect(throws: MasterKeyFlaw.none) { try MasterKeys(spellings: [String]()) }
        #expect(throws: MasterKeyFlaw.duplicate(id: "k1")) { try MasterKeys(spellings: [Self.good, Self.good]) }
        let many = (0...100).map { Self.good.replacing("k1:", with: "k\($0):") }
        #expect(throws: MasterKeyFlaw.tooMany(limit: 100)) { try MasterKeys(spellings: many) }
    }

    @Test func `a master key never shows itself`() throws {
        var dumped = ""
        dump(try MasterKeys(spellings: [Self.good]), to: &dumped)
        #expect("\(try MasterKey(spelling: Self.good))" == "master key k1" && !dumped.contains("secret"))
    }
}
