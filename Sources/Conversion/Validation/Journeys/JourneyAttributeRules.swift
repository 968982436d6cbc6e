import EventModel
import JourneyDomain

/// The title, what activates the journey, and limits.
enum JourneyAttributeRules {
    static func check(_ graph: JudgedJourney, _ findings: inout [Finding]) {
        let journey = graph.journey
        checkTitle(journey.title, &findings)
        checkConditions(journey, &findings)
        for (what, count, limit) in [
            ("nodes", journey.states.count, JourneyLimits.states),
            ("edges", journey.transitions.count, JourneyLimits.transitions),
            ("conditions", journey.conditions.count, JourneyLimits.conditions),
            ("labels", journey.labels.count, JourneyLimits.labels), ("tags", journey.tags.count, JourneyLimits.labels),
        ] where count > limit {
            findings.append(
                Finding(
                    .journeyLimitExceeded, .error, at: .root[what],
                    "\(count) \(what) are more than the limit of \(limit)",
                    cure: "split the journey"))
        }
    }

    private static func checkTitle(_ title: String, _ findings: inout [Finding]) {
        let characters = title.unicodeScalars.count
        let allowed = JourneyLimits.titleCharacters
        guard !allowed.contains(characters) else { return }
        findings.append(
            Finding(
                .journeyTitleLength, .error, at: .root["title"],
                "the title has \(characters) characters, and Parlant takes \(allowed.lowerBound) to \(allowed.upperBound)",
                cure: characters == 0 ? "give the journey a title" : "shorten the title"))
    }

    private static func checkConditions(_ journey: JourneyDefinition, _ findings: inout [Finding]) {
        let place = JSONPath.root["conditions"]
        let unread = journey.extra["condition_ids"]?.array?.count ?? 0
        if unread > 0 {
            findings.append(
                Finding(
                    .journeyConditionWithoutText, .warning, at: .root["condition_ids"],
                    "\(unread) conditions are known by the ids of their guidelines only",
                    cure: "add their texts to the conditions"))
        }
        if journey.conditions.isEmpty && unread == 0 {
            findings.append(
                Finding(
                    .journeyNoConditions, .warning, at: place, "nothing activates the journey",
                    cure: "add a condition in which it applies"))
        }
        var seen: Set<ElementID> = []
        for (index, condition) in journey.conditions.enumerated() {
            if condition.isBlank {
                findings.append(
                    Finding(
                        .journeyEmptyCondition, condition.isEmpty ? .error : .warning, at: place[index],
                        "the condition says nothing", cure: "say when the journey applies, or remove it"))
            } else if !seen.insert(ElementID(condition)).inserted {
                findings.append(
                    Finding(
                        .journeyDuplicateCondition, .warning, at: place[index],
                        "the condition \(condition.quoted) is given twice", cure: "remove one of them"))
            }
        }
    }
}

extension String {
    /// Whether there is nothing to read in it.
    var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
