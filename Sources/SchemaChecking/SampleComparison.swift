import EventModel

/// Holds one sample to the one that was released under its name: it may gain members, and every value that was there stays. Readers and
/// fingerprints are tried on it, so another value would hide that something else is read of what is stored.
struct SampleComparison {
    let file: String
    let cure: String

    func objections(_ before: JSONValue, _ now: JSONValue) -> [Objection] {
        var found: [Objection] = []
        compare(before, now, at: "", &found)
        return found
    }

    private func compare(_ before: JSONValue, _ now: JSONValue, at place: String, _ found: inout [Objection]) {
        switch (before, now) {
        case (.object(let old), .object(let new)):
            for member in old.members {
                let inside = place.isEmpty ? member.key : "\(place).\(member.key)"
                guard let value = new[member.key] else {
                    found.append(objection(inside, "is gone from the sample"))
                    continue
                }
                compare(member.value, value, at: inside, &found)
            }
        case (.array(let old), .array(let new)) where old.count == new.count:
            for (index, pair) in zip(old, new).enumerated() {
                compare(pair.0, pair.1, at: "\(place)[\(index)]", &found)
            }
        default:
            if before != now { found.append(objection(place, "has another value in the sample")) }
        }
    }

    private func objection(_ place: String, _ reason: String) -> Objection {
        Objection(file: file, place: place, reason: "\(reason), which stands for events that are stored", cure: cure)
    }
}
