import EventModel
import Testing

@Suite struct `Upcasters of old versions` {
    private static let placed = EventType(trusting: "order.placed")
    private static let paid = EventType(trusting: "order.paid")

    /// `placed` had an amount, then a total, then a total with its currency.
    private let upcasters = Upcasters([
        Upcaster(placed, from: 1) { object in
            var next = object.removing(["amount"])
            next["total"] = object["amount"] ?? .null
            return next
        },
        Upcaster(placed, from: 2) { object in
            var object = object
            object["currency"] = "EUR"
            return object
        },
    ])

    @Test(
        arguments: [
            (1, ["amount": 12, "id": "a"]), (2, ["id": "a", "total": 12]),
            (3, ["id": "a", "total": 12, "currency": "EUR"]),
        ] as [(Int32, JSONValue)])
    func `lead from every version to the newest, step by step`(_ version: Int32, _ data: JSONValue) {
        let newest = upcasters(data, type: Self.placed, version: version)
        #expect(newest.version == 3)
        #expect(newest.data.canonicalBytes() == Array(#"{"currency":"EUR","id":"a","total":12}"#.utf8))
    }

    @Test(arguments: [(placed, 4), (placed, 0), (paid, 1)] as [(EventType, Int32)])
    func `leave alone what they do not know`(_ type: EventType, _ version: Int32) {
        let data: JSONValue = ["amount": 12]
        let newest = upcasters(data, type: type, version: version)
        #expect(newest.version == version && newest.data == data)
    }

    @Test func `pass what is no object, which the decoder refuses`() {
        #expect(upcasters([1], type: Self.placed, version: 1).data == [1])
    }

    @Test func `of two domains are those of both`() {
        let both = upcasters.merging(Upcasters([Upcaster(Self.paid, from: 1) { $0 }]))
        #expect(both.lifted.map { "\($0.type)@\($0.version)" } == ["order.paid@1", "order.placed@1", "order.placed@2"])
        #expect(Upcasters.none.lifted.isEmpty)
    }
}
