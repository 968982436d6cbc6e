import EventModel
import HTTPDriver
import JourneyDomain

extension ParlantConnector {
    /// Makes the journey with its whole graph; answers whether it is new. Repeating it changes nothing.
    ///
    /// - Throws: ``ParlantError/exists(version:)`` when the id is taken by a journey that differs; ``ParlantError/invalid(_:)`` with
    ///   all that Parlant could not hold: ids that another journey uses, ways that part without conditions, and so on.
    public func create(
        _ definition: JourneyDefinition, id: JourneyID
    ) async throws(ParlantError) -> (journey: StoredJourney, isNew: Bool) {
        let value = try await requester.json(
            Requester.checked(HTTPRequest(.put, Self.journey(id), json: JourneyCoding.creation(definition))),
            .settles,
            about: .journey(id.text))
        return (try JourneyCoding.stored(value, id: id), value["changed"]?.bool ?? false)
    }

    /// The journey, whole: never half of a graph that is being replaced.
    public func read(_ id: JourneyID) async throws(ParlantError) -> StoredJourney {
        let request = try Requester.checked(HTTPRequest(.get, Self.journey(id)))
        return try JourneyCoding.stored(
            try await requester.json(request, .reads, about: .journey(id.text)), id: id)
    }

    /// The versions of all journeys of the server, by id. An SDK server that was started again has none.
    public func versions() async throws(ParlantError) -> [String: JourneyVersion] {
        let value = try await requester.json(
            HTTPRequest(.get, ["lockstep", "journeys"]), .reads, about: .other("journeys"))
        guard let members = value["versions"]?.object?.members else {
            throw .malformed(what: "a list of journeys without versions")
        }
        return Dictionary(
            members.compactMap { member in member.value.string.map { (member.key, JourneyVersion($0)) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Turns the journey into `definition`: graph, conditions, labels and tags, all at once or nothing. Repeating it changes nothing.
    ///
    /// Sessions under way keep their paths as numbers, which may name other states afterwards: see ``force(_:paths:ifAt:settling:)``.
    ///
    /// - Throws: ``ParlantError/needsRecreation(_:)`` when title, description, priority or composition mode would change;
    ///   ``ParlantError/conflict(version:)`` when the journey is not at `expected` and not yet what it shall be.
    public func update(
        _ id: JourneyID, to definition: JourneyDefinition, expecting expected: ExpectedJourneyVersion
    ) async throws(ParlantError) -> (journey: StoredJourney, changed: Bool) {
        let present = try await read(id)
        let fixed = Self.fieldsFixedAtCreation(in: definition, against: present.definition)
        guard fixed.isEmpty else { throw .needsRecreation(fixed) }
        let body = JourneyCoding.change(to: definition, expecting: expected)
        let value = try await requester.json(
            Requester.checked(HTTPRequest(.patch, Self.journey(id), json: body)), .settles, about: .journey(id.text))
        return (try JourneyCoding.stored(value, id: id), value["changed"]?.bool ?? false)
    }

    /// The journey as Parlant draws it.
    public func mermaid(_ id: JourneyID) async throws(ParlantError) -> String {
        let request = try Requester.checked(HTTPRequest(.get, ["journeys", id.text, "mermaid"]))
        let answer = try await requester.answer(request, .reads)
        guard answer.status == 200 else { throw Refusals.error(answer, about: .journey(id.text)) }
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// Removes the journey with its graph and the guidelines that served it alone. Sessions keep their paths, which come to life again
    /// when a journey with this id is created.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func delete(_ id: JourneyID) async throws(ParlantError) -> Bool {
        let request = try Requester.checked(HTTPRequest(.delete, ["journeys", id.text]))
        do throws(ParlantError) {
            _ = try await requester.json(request, .settles, about: .journey(id.text))
            return true
        } catch .notFound {
            return false
        }
    }

    private static func journey(_ id: JourneyID) -> [String] { ["lockstep", "journeys", id.text] }

    /// The fields that differ and can only be set at creation.
    public static func fieldsFixedAtCreation(
        in definition: JourneyDefinition, against present: JourneyDefinition
    ) -> [JourneyField] {
        JourneyField.allCases.filter { field in
            switch field {
            case .title: !definition.title.utf8.elementsEqual(present.title.utf8)
            case .description: !definition.summary.utf8.elementsEqual(present.summary.utf8)
            case .priority: definition.priority != present.priority
            case .compositionMode: definition.compositionMode != present.compositionMode
            }
        }
    }
}
