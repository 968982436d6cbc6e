import EventSourcing
import Testing

@Suite struct `Parts that a group gives out` {
    private static let parts: [Int32] = [0, 1, 2, 3]

    private func lease(_ part: Int32, _ holder: String) -> Lease {
        Lease(name: "work/\(part)", holder: holder, token: Int64(part) + 1)
    }

    private func survey(_ members: Set<String>, _ holders: [Int32: String]) -> ShareSurvey {
        ShareSurvey(
            members: members,
            leases: Dictionary(uniqueKeysWithValues: holders.map { ($0.key, lease($0.key, $0.value)) }))
    }

    private func holding(_ parts: Set<Int32>) -> LeaseShare {
        var share = LeaseShare(of: "a", .given([]))
        share.assign(.given(parts))
        for part in parts { share.receive(lease(part, "a"), of: part) }
        return share
    }

    @Test func `nothing is taken before it is given, and then what is free`() {
        var share = LeaseShare(of: "a", .given([]))
        #expect(share.receive(survey(["a"], [:]), of: Self.parts, patience: .seconds(30)) == [])
        share.assign(.given([1, 2]))
        #expect(share.receive(survey(["a", "b"], [2: "b"]), of: Self.parts, patience: .seconds(30)) == [1])
        #expect(!share.isBalanced, "part 2 is waited for")
        share.receive(lease(1, "a"), of: 1)
        #expect(share.receive(survey(["a", "b"], [1: "a"]), of: Self.parts, patience: .seconds(30)) == [2])
    }

    @Test func `what is given to others is given back, and the rest is kept`() {
        var share = holding([0, 1, 2])
        let before = share.held
        share.assign(.given([1, 2]))
        #expect(!share.allows(before) && share.held.keys.sorted() == [1, 2])
        #expect(share.takeLeaving().map(\.name) == ["work/0"])
    }

    @Test func `what was asked for and has been given to somebody else meanwhile is given back`() {
        var share = holding([0])
        share.assign(.given([0, 1]))
        #expect(share.receive(survey(["a"], [0: "a"]), of: Self.parts, patience: .seconds(30)) == [1])
        share.assign(.given([0]))
        share.receive(lease(1, "a"), of: 1)
        #expect(share.held.keys.sorted() == [0] && share.takeLeaving() == [lease(1, "a")])
    }

    @Test func `more than is due is kept, if the group gives it`() {
        var share = holding([0, 1, 2])
        _ = share.receive(survey(["a", "b"], [0: "a", 1: "a", 2: "a"]), of: Self.parts, patience: .seconds(30))
        #expect(share.held.count == 3 && share.isBalanced)
    }

    @Test func `what nobody who lives has taken for long is shared evenly, until parts are given out anew`() {
        var share = holding([0])
        let alone = survey(["a", "b"], [0: "a"])
        for second in [0, 10, 30] {
            #expect(share.receive(alone, of: Self.parts, at: .seconds(second), patience: .seconds(30)) == [])
        }
        #expect(share.receive(alone, of: Self.parts, at: .seconds(31), patience: .seconds(30)) == [1])
        share.receive(lease(1, "a"), of: 1)
        let taken = survey(["a", "b"], [0: "a", 1: "a", 2: "b"])
        #expect(share.receive(taken, of: Self.parts, at: .seconds(32), patience: .seconds(30)) == [])
        share.assign(.given([0]))
        #expect(share.held.keys.sorted() == [0] && share.leaving.keys.sorted() == [1])
    }

    @Test func `while the group does not decide, everybody who lives is due an equal number, and at once`() {
        var share = holding([0, 1, 2])
        share.assign(.even)
        let held: [Int32: String] = [0: "a", 1: "a", 2: "a"]
        #expect(share.receive(survey(["a", "b"], held), of: Self.parts, patience: .seconds(30)) == [])
        #expect(share.held.count == 2 && share.takeLeaving().count == 1)
        var other = LeaseShare(of: "b", .given([]))
        other.assign(.even)
        #expect(
            other.receive(survey(["a", "b"], [0: "a", 1: "a"]), of: Self.parts, patience: .seconds(30)) == [2, 3])
        other.receive(lease(2, "b"), of: 2)
        other.receive(lease(3, "b"), of: 3)
        other.assign(.given([3]))
        #expect(other.held.keys.sorted() == [3] && other.leaving.keys.sorted() == [2])
    }

    @Test func `what came free a moment ago is left to whom it is given`() {
        var share = holding([0])
        _ = share.receive(survey(["a"], [0: "a"]), of: Self.parts, at: .seconds(0), patience: .seconds(30))
        _ = share.receive(
            survey(["a", "b"], [0: "a", 1: "b", 2: "b", 3: "b"]), of: Self.parts, at: .seconds(29),
            patience: .seconds(30))
        #expect(
            share.receive(survey(["a"], [0: "a"]), of: Self.parts, at: .seconds(40), patience: .seconds(30)) == [])
    }
}
