import EventModel
import EventSourcing
import EventSourcingTesting
import Testing

@testable import Ingest

@Suite("Sharing partitions") struct PartitionShareTests {
    /// Members, leases and clockless time, as the store would keep them.
    private struct World {
        var shares: [String: LeaseShare] = [:]
        var leases: [Int32: Lease] = [:]
        var tokens: [Int32: Int64] = [:]
        let partitions: [Int32]

        init(_ count: Int32, _ members: [String] = []) {
            partitions = (0..<count).map { $0 }
            for member in members { join(member) }
        }

        mutating func join(_ member: String) { shares[member] = LeaseShare(of: member) }

        /// It is gone, and its leases have expired.
        mutating func die(_ member: String) {
            shares[member] = nil
            leases = leases.filter { $0.value.holder != member }
        }

        /// One looks round, asks for what it wants, and works on nothing that it does not hold any more.
        mutating func lookRound(_ member: String, isWorking: Bool = false) {
            let survey = ShareSurvey(members: Set(shares.keys), leases: leases)
            for partition in shares[member]?.receive(survey, of: partitions) ?? [] {
                guard leases[partition].map({ $0.holder == member }) ?? true else { continue }
                tokens[partition, default: 0] += 1
                let lease = Lease(name: "\(partition)", holder: member, token: tokens[partition] ?? 0)
                leases[partition] = lease
                shares[member]?.receive(lease, of: partition)
            }
            guard !isWorking else { return }
            for lease in shares[member]?.takeLeaving() ?? [] { leases = leases.filter { $0.value != lease } }
        }

        mutating func settle(_ rounds: Int = 4) {
            for _ in 0..<rounds { for member in shares.keys.sorted() { lookRound(member) } }
        }

        var sizes: [Int] { shares.values.map(\.held.count).sorted() }
        var isFair: Bool {
            let all = shares.values.flatMap(\.held.keys).sorted()
            return all == partitions && (sizes.last ?? 0) - (sizes.first ?? 0) <= 1
        }
    }

    @Test(arguments: [1, 2, 3, 5, 12, 13], [1, 2, 3, 7])
    func `everybody gets an equal part, and every partition has one reader`(_ partitions: Int32, _ members: Int) {
        var world = World(partitions, (0..<members).map { "m\($0)" })
        world.settle()
        #expect(world.isFair)
        #expect(world.shares.values.allSatisfy { $0.isBalanced })
    }

    @Test func `who comes gets what others have too much of, once nothing works on it`() {
        var world = World(6, ["b"])
        world.settle()
        world.join("a")
        world.lookRound("b", isWorking: true)
        world.lookRound("a")
        #expect(world.shares["b"]?.held.count == 3 && world.shares["b"]?.leaving.count == 3)
        #expect(world.shares["a"]?.held.isEmpty == true, "what is still worked on is not free")
        world.settle()
        #expect(world.isFair)
        let kept = world.shares["b"]?.held.values.map(\.token)
        #expect(kept == [1, 1, 1], "what stays is not taken anew")
    }

    @Test func `the part of who dies goes to the others`() {
        var world = World(12, ["a", "b", "c"])
        world.settle()
        world.die("b")
        world.settle()
        #expect(world.isFair && world.sizes == [6, 6])
    }

    @Test func `who was paused loses what others have taken since`() throws {
        var world = World(4, ["a", "b"])
        world.settle()
        let paused = try #require(world.shares["a"])
        world.die("a")
        world.settle()
        world.shares["a"] = paused
        world.lookRound("a", isWorking: true)
        #expect(world.shares["a"]?.held.isEmpty == true, "the leases are b's by now")
        world.settle()
        #expect(world.isFair)
        #expect(world.leases.values.contains { $0.holder == "a" && $0.token > 1 }, "under newer tokens")
    }

    @Test func `a lease of an earlier life of the same name is taken anew`() {
        var world = World(2, ["a"])
        world.settle()
        world.join("a")
        world.lookRound("a")
        #expect(world.shares["a"]?.held.values.map(\.token) == [2, 2])
    }

    @Test func `a lease that came to life again while it was given back is given back once more`() {
        var share = LeaseShare(of: "a")
        let leases = Dictionary(
            uniqueKeysWithValues: [Int32(0), 1].map { ($0, Lease(name: "\($0)", holder: "a", token: 1)) })
        for (partition, lease) in leases { share.receive(lease, of: partition) }
        let two = ShareSurvey(members: ["a", "b"], leases: leases)
        #expect(share.receive(two, of: [0, 1]) == [])
        #expect(share.takeLeaving() == [leases[1]])
        // The look round that was under way has renewed both.
        #expect(share.receive(two, of: [0, 1]) == [])
        #expect(share.takeLeaving() == [leases[1]] && share.held.keys.sorted() == [0])
    }

    @Test func `partitions that come are taken, and ones that go are given back`() {
        var share = LeaseShare(of: "a")
        let survey = ShareSurvey(members: ["a"], leases: [:])
        #expect(share.receive(survey, of: [0, 1]) == [0, 1])
        for partition: Int32 in [0, 1] {
            share.receive(Lease(name: "\(partition)", holder: "a", token: 1), of: partition)
        }
        let both = ShareSurvey(members: ["a"], leases: share.held)
        #expect(share.receive(both, of: [0, 1, 2]) == [2])
        _ = share.receive(both, of: [1])
        #expect(share.leaving.keys.sorted() == [0] && share.held.keys.sorted() == [1])
    }

    @Test
    func
        `a partition that came and has to go before its reading began ends the readings, or nobody would give it back`()
    {
        var world = World(2, ["a"])
        world.settle()
        let first = (world.shares["a"]?.held ?? [:]).filter { $0.key == 0 }
        // Somebody reads partition 0 alone, as when the other had not been granted yet.
        #expect(world.shares["a"]?.allows(first) == false)
        world.join("b")
        world.lookRound("a", isWorking: true)
        #expect(world.shares["a"]?.held == first)
        #expect(world.shares["a"]?.allows(first) == false)
        world.lookRound("a")
        #expect(world.shares["a"]?.allows(first) == true)
    }

    @Test func `who is not heard for longer than its leases holds nothing`() {
        var world = World(3, ["a"])
        world.settle()
        world.shares["a"]?.loseEverything()
        #expect(world.shares["a"]?.leases.isEmpty == true && world.shares["a"]?.isBalanced == false)
        world.settle()
        #expect(world.isFair)
    }

    @Test(arguments: 0..<40)
    func `whatever comes and goes, in the end it is fair`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var world = World(Int32.random(in: 1...20, using: &random), ["m0"])
        for step in 1...30 {
            let members = world.shares.keys.sorted()
            switch Int.random(in: 0..<5, using: &random) {
            case 0: world.join("m\(step)")
            case 1 where members.count > 1: world.die(members.randomElement(using: &random) ?? "")
            default:
                guard let member = members.randomElement(using: &random) else { continue }
                world.lookRound(member, isWorking: Bool.random(using: &random))
            }
            let readers = world.shares.flatMap { name, share in
                share.held.filter { world.leases[$0.key]?.holder == name }
            }
            #expect(Set(readers.map(\.key)).count == readers.count, "no partition has two readers that hold its lease")
        }
        world.settle(6)
        #expect(world.isFair)
    }
}
