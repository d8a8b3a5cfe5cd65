-- What a plugin of Neovim does, by sockconnect and rpcrequest. The address is
-- in FFD_PEER_MODE ("pipe" or "tcp") and FFD_PEER_ADDRESS; answers go to
-- FFD_PEER_OUT as JSON.
local function answers()
    local channel = vim.fn.sockconnect(vim.env.FFD_PEER_MODE,
        vim.env.FFD_PEER_ADDRESS, { rpc = true })
    local frame = {}
    local said = {}

    for i = 1, 64 do
        frame[i] = i % 17
    end
    said.ping = vim.rpcrequest(channel, 'ping')
    said.learned = vim.rpcrequest(channel, 'learn', 'm', frame, 'seven')
    vim.rpcnotify(channel, 'learn', 'm', frame, 'seven')
    said.predicted = vim.rpcrequest(channel, 'predict', 'm', frame,
        { fresh = true })
    local ok, why = pcall(vim.rpcrequest, channel, 'predict', 'nope', frame)
    said.refused = not ok
    said.error = why
    vim.fn.chanclose(channel)
    return said
end

local ok, said = pcall(answers)
if not ok then
    said = { failed = said }
end
vim.fn.writefile({ vim.fn.json_encode(said) }, vim.env.FFD_PEER_OUT)
vim.cmd('qa!')
