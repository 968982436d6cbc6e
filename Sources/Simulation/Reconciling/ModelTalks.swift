import EventModel
import FoundationEssentials
import Reconciliation
import Synchronization

/// An engine that talks with customers along a journey. Its path can be forced while the conversation is where whoever asks believes it to be, and no turn
/// is under way; anybody may post events of his own, as often as he likes.
final class ModelTalks: Sendable {
    static let journey = "j-refund"

    static func state(of block: String) -> String { "s-\(block)" }

    /// How a conversation stands, for whoever asks.
    struct Look: Sendable {
        let place: String?
        let offset: Int
        let isBusy: Bool
        let told: Set<UUID>
    }

    /// What an order has come to.
    enum Answer: Sendable, Equatable {
        case done
        /// It stands elsewhere by now, or a turn is under way.
        case movedOn
        case gone
    }

    private struct Talk {
        var offset = 0
        /// The state where it stands; `nil` outside of the journey.
        var place: String?
        var isBusy = false
        var isOpen = true
        var told: Set<UUID> = []
        /// Whether the customer takes back whatever the conversation is told about the amount.
        var isStubborn = false
    }

    private let world: World
    private let mail: ReportMail
    private let audit: ReconcilingAudit
    private let talks = Mutex<[String: Talk]>([:])

    init(_ world: World, _ mail: ReportMail, _ audit: ReconcilingAudit) {
        self.world = world
        self.mail = mail
        self.audit = audit
    }

    /// Whether somebody's turn is under way.
    var isBusy: Bool { talks.withLock { $0.values.contains(where: \.isBusy) } }

    // MARK: Its own way

    func begin(_ execution: String, isStubborn: Bool) {
        talks.withLock { $0[execution] = Talk(isStubborn: isStubborn) }
        endTurn(of: execution, in: Self.state(of: ModelRuns.blocks[0]))
        if isStubborn { insist(execution) }
    }

    /// A customer says something.
    func talk(_ execution: String) {
        let isFree = talks.withLock { talks in
            guard let talk = talks[execution], talk.isOpen, !talk.isBusy else { return false }
            talks[execution]?.isBusy = true
            return true
        }
        guard isFree else { return }
        world.scheduler.plan(after: world.roll { $0.duration(50_000...700_000) }) { self.finishTurn(execution) }
    }

    private func finishTurn(_ execution: String) {
        guard let place = talks.withLock({ $0[execution].map(\.place) }) else { return }
        let block = place.flatMap { place in ModelRuns.blocks.firstIndex { Self.state(of: $0) == place } }
        let choice = world.roll { $0.below(100) }
        var next = place
        if let block, ModelRuns.waiting.contains(ModelRuns.blocks[block]), choice < 80 {
            answer(execution, in: ModelRuns.blocks[block])
        }
        switch (block, choice) {
        case (let block?, 15..<88):
            next = block + 1 < ModelRuns.blocks.count ? Self.state(of: ModelRuns.blocks[block + 1]) : nil
        case (let block?, 88..<92): next = Self.state(of: ModelRuns.blocks[max(0, block - 1)])
        case (.some, 92..<94): next = nil
        default: break
        }
        // Whoever insists gets no further than the first question.
        let stays = block.map { ModelRuns.waiting.contains(ModelRuns.blocks[$0]) } ?? false
        if stays, talks.withLock({ $0[execution]?.isStubborn }) == true { next = place }
        endTurn(of: execution, in: next)
        talks.withLock { $0[execution]?.isBusy = false }
        if choice >= 98 { hangUp(execution) }
    }

    private func answer(_ execution: String, in block: String) {
        let value = "a\(world.roll { $0.below(1_000) })@example.org"
        event(
            execution,
            #""type":"input_collected","name":"email","value":"\#(value)","journey":"\#(Self.journey)","state":"\#(Self.state(of: block))""#
        )
        audit.heard(.journey, of: execution, FieldPath(.inputs, [ElementID(block)]), ["email": .string(value)])
    }

    private func endTurn(of execution: String, in place: String?) {
        let turn = talks.withLock { talks in
            talks[execution]?.place = place
            return talks[execution]?.offset ?? 0
        }
        event(
            execution,
            #""type":"turn_completed","turn":"\#(execution)-t\#(turn)","positions":[\#(Self.position(place))]"#)
    }

    private static func position(_ place: String?) -> String {
        #"{"journey":"\#(journey)"\#(place.map { #","state":"\#($0)""# } ?? "")}"#
    }

    private func hangUp(_ execution: String) {
        talks.withLock { $0[execution]?.isOpen = false }
        mail.send("{\(head(execution)),\"closed\":true}")
    }

    /// The customer has an amount of his own, and says so.
    private func insist(_ execution: String) {
        guard talks.withLock({ $0[execution]?.isOpen }) == true else { return }
        event(
            execution,
            #""type":"custom","source":"customer","data":{"lockstep":{"values":{"\#(ModelRuns.amount)":250}}}"#)
        audit.heard(.journey, of: execution, FieldPath(.variables, [ElementID(ModelRuns.amount)]), 250)
    }

    // MARK: What it is asked

    func look(at execution: String) -> Look? {
        talks.withLock { talks in
            talks[execution].map {
                Look(place: $0.place, offset: $0.offset, isBusy: $0.isBusy, told: $0.told)
            }
        }
    }

    func force(_ execution: String, to place: String?, ifAt offset: Int) -> Answer {
        guard let talk = talks.withLock({ $0[execution] }) else { return .gone }
        if talk.isBusy || talk.offset != offset {
            guard world.mutation == .pathsForcedBlindly else { return .movedOn }
            audit.overruled(execution)
        }
        talks.withLock { $0[execution]?.place = place }
        event(execution, #""type":"moved","positions":[\#(Self.position(place))]"#)
        return .done
    }

    func post(_ execution: String, _ effect: UUID, _ told: Effect.Told) -> Answer {
        guard talks.withLock({ $0[execution] }) != nil else { return .gone }
        audit.told(effect)
        talks.withLock { _ = $0[execution]?.told.insert(effect) }
        echo(execution, effect, told)
        if talks.withLock({ $0[execution]?.isStubborn }) == true, told.values[ModelRuns.amount] != nil {
            world.scheduler.plan(after: world.roll { $0.duration(100_000...900_000) }) { self.insist(execution) }
        }
        return .done
    }

    /// What a conversation says that it was told.
    func echo(_ execution: String, _ effect: UUID, _ told: Effect.Told) {
        let data: JSONValue = ["lockstep": .object(told.message(of: effect))]
        event(
            execution,
            #""type":"custom","source":"system","data":\#(String(decoding: data.compactBytes(), as: UTF8.self))"#)
    }

    // MARK: Reports

    private func head(_ execution: String) -> String {
        let moment = SimulatedClock.beginning.advanced(by: .microseconds(world.time))
        return
            #""engine":"model","session":"talk-\#(execution)","execution":"\#(execution)","customer":"customer-1","observed_at":"\#(moment)""#
    }

    private func event(_ execution: String, _ words: String) {
        guard
            let offset = talks.withLock({ talks in
                talks[execution]?.offset += 1
                return talks[execution]?.offset
            })
        else { return }
        let moment = SimulatedClock.beginning.advanced(by: .microseconds(world.time))
        let event = #"{"id":"\#(execution)-e\#(offset)","offset":\#(offset),"at":"\#(moment)",\#(words)}"#
        mail.send("{\(head(execution)),\"events\":[\(event)]}")
    }
}
