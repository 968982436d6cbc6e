import EventModel

extension PersonalTree {
    /// Where a definition holds what people have typed in, which may be about persons: the values of inputs and variables, and what loops
    /// and parallels run over. In events these values are sealed; ids, types, names, edges and places stay readable.
    ///
    /// In its stored form a definition is two trees: the open one, with `null` where such a value was, and the personal one.
    static let workflow = PersonalTree(
        .object([
            "blocks": .each(
                .object([
                    "subBlocks": .each(.object(["value": .personal])), "data": .object(["collection": .personal]),
                ])),
            "loops": .each(.object(["forEachItems": .personal])),
            "parallels": .each(.object(["distribution": .personal])),
            "variables": .each(.object(["value": .personal])),
        ]),
        leaving: .null)
}

extension PersonalTree.Shape {
    /// An object that is open where its keys do not say otherwise.
    fileprivate static func object(_ named: [ElementID: Self]) -> Self { .members(named, others: .open) }

    /// An object whose members are all alike.
    fileprivate static func each(_ member: Self) -> Self { .members([:], others: member) }
}

extension WorkflowDefinition {
    /// Bytes of the definition as an event stores it, at most: the structure open, the values sealed.
    public var storedBytes: Int { PersonalTree.workflow.storedBytes(of: canonicalValue) }

    /// The places of values that this reader cannot see, because they are sealed or erased.
    public var hiddenValues: [JSONPath] { places(of: \.isHidden) }

    /// Whether values are gone for everybody: whoever has them stores them anew by bringing the same definition once more.
    public var hasErasedValues: Bool { !places { $0.erasedSubject != nil }.isEmpty }

    /// The places of personal values of which `isWanted` holds.
    private func places(of isWanted: (JSONValue) -> Bool) -> [JSONPath] {
        var paths: [JSONPath] = []
        func look(_ value: JSONValue?, _ path: @autoclosure () -> JSONPath) {
            if let value, isWanted(value) { paths.append(path()) }
        }
        for block in blocks {
            let place = JSONPath.root["blocks"]
            for subBlock in block.subBlocks {
                look(subBlock.value, place[block.id.text]["subBlocks"][subBlock.id.text]["value"])
            }
            look(block.data["collection"], place[block.id.text]["data"]["collection"])
        }
        for loop in loops { look(loop.settings["forEachItems"], .root["loops"][loop.id.text]["forEachItems"]) }
        for parallel in parallels {
            look(parallel.settings["distribution"], .root["parallels"][parallel.id.text]["distribution"])
        }
        for variable in variables { look(variable.value, .root["variables"][variable.id.text]["value"]) }
        return paths
    }
}
