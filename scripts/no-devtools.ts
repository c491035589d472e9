// Stands in for react-devtools-core in the bundle (rolldown.config.ts).
export default { initialize() {}, connectToDevTools() {} }
